"""Pure decisions: values in, values out, the clock an argument."""
