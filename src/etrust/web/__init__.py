"""The pages: for clerks who check, for holders who show, and for visitors when something goes wrong."""
