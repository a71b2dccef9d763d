"""Protobuf, the binary format of server version 4.

``wire`` reads and writes fields, ``fields`` says how a message declares its own, ``schema`` declares those of
the protocol, ``coding`` encodes and decodes any of them, ``frames`` is the codec of connections.
"""
