# Hours as everywhere else on our pages; “4:30 p.m.” would bring a full stop before ours.
DATETIME_FORMAT = "N j, Y, H:i"
TIME_FORMAT = "H:i"
