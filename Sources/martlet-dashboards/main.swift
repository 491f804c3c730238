// The entry point is written with its server.
