"""The files in the middle of the exam screen: tabs, editors, saving, changes from outside."""
