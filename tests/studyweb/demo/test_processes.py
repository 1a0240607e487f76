"""Ports of the demo."""

import socket

import pytest

from studyweb.demo.processes import ProcessError, free_port, refuse_port_in_use


def test_a_port_in_use_is_refused_with_the_option_that_helps():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ProcessError, match="--port"):
            refuse_port_in_use(taken.getsockname()[1])


def test_a_free_port_is_accepted():
    port = free_port()
    refuse_port_in_use(port)
    assert port > 1023
