"""Intake (导入): export files become judged records; what is not good is refused with a reason.

`files` opens a CSV or XLSX file as a table of text, `rows` judges its rows, `rejects` writes the bad ones,
`single` reads one license from named cells by the same rules.
"""
