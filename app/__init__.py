"""Who knows whom: settings, wiring, observation."""
