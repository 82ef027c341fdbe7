"""converters/sources"""
