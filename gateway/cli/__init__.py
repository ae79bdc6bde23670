"""The command line: what an operator types. `app` lists the commands, `page` draws a profile."""
