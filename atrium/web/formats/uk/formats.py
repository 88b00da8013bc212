# A word, where Django has “р.”: its full stop would stand before ours.
DATE_FORMAT = "j E Y року"
DATETIME_FORMAT = "j E Y року, H:i"
