"""Cameras-CSI for the logging host. The module itself is csi-cameras, a program of its own."""
