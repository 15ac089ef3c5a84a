"""A referral as a document: the PDF and the web page a recipient reads."""
