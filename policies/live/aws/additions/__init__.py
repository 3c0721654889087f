"""What ministack lacks of AWS, one module a lack; each replaces functions of the pinned version, inside the embedded AWS's own process."""
