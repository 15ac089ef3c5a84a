"""Work that happens without anybody calling."""
