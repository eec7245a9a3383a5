"""The response in words and pictures: the report, the folder that holds everything, and its verification."""
