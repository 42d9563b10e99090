"""The commands, by what they are for; no logic of their own. Each imports what it needs when it is called, so that --help is quick."""
