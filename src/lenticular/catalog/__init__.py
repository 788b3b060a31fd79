"""What an editor defines: segments, pages, slots, content, collections; how they refer to each other."""
