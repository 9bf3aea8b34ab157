"""`mockexam practice` and `mockexam grade`: models that are tested outside an exam, and the task they are tested on."""
