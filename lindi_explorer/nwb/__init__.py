"""What a file means in Neurodata Without Borders; the door to pynwb and hdmf."""
