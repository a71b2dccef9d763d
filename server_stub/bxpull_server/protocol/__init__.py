"""The wire protocol without I/O: values in, values out, no sockets, no event loop."""
