// Units to choose from; any other text is a unit too.

/** @type {[string, string][]} id and name */
export const units = [
    ['none', 'None'], ['short', 'Short'], ['percent', 'Percent (0-100)'], ['percentunit', 'Percent (0.0-1.0)'], ['string', 'String'], ['locale', 'Locale'], ['sci', 'Scientific'], ['hex', 'Hexadecimal'],
    ['bytes', 'Bytes (IEC)'], ['decbytes', 'Bytes (SI)'], ['bits', 'Bits (IEC)'], ['decbits', 'Bits (SI)'], ['kbytes', 'Kibibytes'], ['mbytes', 'Mebibytes'], ['gbytes', 'Gibibytes'], ['tbytes', 'Tebibytes'],
    ['Bps', 'Bytes/sec (SI)'], ['binBps', 'Bytes/sec (IEC)'], ['bps', 'Bits/sec (SI)'], ['binbps', 'Bits/sec (IEC)'], ['pps', 'Packets/sec'], ['KBs', 'Kilobytes/sec'], ['MBs', 'Megabytes/sec'], ['Mbits', 'Megabits/sec'],
    ['ops', 'Operations/sec'], ['reqps', 'Requests/sec'], ['rps', 'Reads/sec'], ['wps', 'Writes/sec'], ['iops', 'I/O operations/sec'], ['cps', 'Counts/sec'], ['eps', 'Events/sec'], ['mps', 'Messages/sec'], ['recps', 'Records/sec'], ['rowsps', 'Rows/sec'],
    ['opm', 'Operations/min'], ['reqpm', 'Requests/min'], ['cpm', 'Counts/min'], ['epm', 'Events/min'], ['mpm', 'Messages/min'],
    ['ns', 'Nanoseconds'], ['µs', 'Microseconds'], ['ms', 'Milliseconds'], ['s', 'Seconds'], ['m', 'Minutes'], ['h', 'Hours'], ['d', 'Days'], ['dtdurationms', 'Duration (ms)'], ['dtdurations', 'Duration (s)'], ['dthms', 'Duration (hh:mm:ss)'], ['clocks', 'Clock (s)'], ['clockms', 'Clock (ms)'], ['hertz', 'Hertz'],
    ['dateTimeAsIso', 'Date and time, ISO'], ['dateTimeAsLocal', 'Date and time, local'], ['dateTimeFromNow', 'From now'],
    ['bool', 'True / False'], ['bool_yes_no', 'Yes / No'], ['bool_on_off', 'On / Off'],
    ['celsius', 'Celsius'], ['fahrenheit', 'Fahrenheit'], ['kelvin', 'Kelvin'], ['humidity', 'Humidity (%H)'], ['watt', 'Watt'], ['kwatt', 'Kilowatt'], ['watth', 'Watt-hour'], ['kwatth', 'Kilowatt-hour'], ['volt', 'Volt'], ['amp', 'Ampere'], ['joule', 'Joule'], ['dBm', 'Decibel-milliwatt'], ['dB', 'Decibel'], ['rotrpm', 'Revolutions per minute'], ['pressurebar', 'Bar'], ['pressurehpa', 'Hectopascal'], ['lengthm', 'Metre'], ['masskg', 'Kilogram'], ['flops', 'FLOP/s'],
    ['currencyUSD', 'Dollars ($)'], ['currencyEUR', 'Euro (€)'], ['currencyGBP', 'Pounds (£)'], ['currencyJPY', 'Yen (¥)'], ['currencyBTC', 'Bitcoin (฿)'],
];
