# A C source with the words of the input.
BEGIN { print "const char *const words[] = {" }
      { print "    \"" $1 "\"," }
END   { print "};\nconst unsigned word_count = " NR ";" }
