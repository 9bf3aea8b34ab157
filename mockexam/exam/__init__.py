"""The rules of an exam as pure functions and records: form, clock, scoring, attempt. No input or output."""
