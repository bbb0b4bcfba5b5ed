"""Where stages run: in containers (`dagger`) or on this machine (`host`)."""
