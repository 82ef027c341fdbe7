"""converters/contract"""
