"""Audience segmentation and web personalization: rules, decisions and their reasons."""
