"""The response: who can act on stolen value now, and the papers that ask them to."""
