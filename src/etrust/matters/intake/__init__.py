"""Intake of matters (事项导入): a department's list becomes judged matters, and goes back into the same form.

`columns` names the columns, `cells` reads and writes single cells, `rows` gathers rows into matters, `plan` says what an
import would do and does it, `export` writes the same form.
"""
