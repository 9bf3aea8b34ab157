"""The exam in a browser on this machine: a web server on loopback and, behind it, the app as a process of its own."""
