//! Ways to spell a name that a lenient reader takes for it.

/// Characters that normal forms or eyes take for a letter of ours.
const ALIKE: [(char, &str); 24] = [
    ('a', "\u{430}\u{ff41}\u{1d41a}\u{e0}\u{aa}"),
    ('c', "\u{441}\u{ff43}\u{1d41c}\u{217d}"),
    ('d', "\u{ff44}\u{217e}\u{501}"),
    ('e', "\u{435}\u{ff45}\u{212f}\u{e9}"),
    ('f', "\u{ff46}\u{1d41f}"),
    ('i', "\u{456}\u{ff49}\u{131}\u{2170}"),
    ('k', "\u{212a}\u{ff4b}\u{43a}"),
    ('l', "\u{ff4c}\u{217c}\u{4cf}"),
    ('o', "\u{43e}\u{ff4f}\u{ba}\u{2134}"),
    ('s', "\u{17f}\u{ff53}\u{455}"),
    ('t', "\u{ff54}\u{1d42d}"),
    ('u', "\u{ff55}\u{1d42e}"),
    ('A', "\u{410}\u{ff21}\u{391}\u{1d400}\u{c5}\u{212b}"),
    ('E', "\u{415}\u{ff25}\u{395}"),
    ('K', "\u{212a}\u{ff2b}\u{39a}\u{41a}"),
    ('O', "\u{41e}\u{ff2f}\u{39f}"),
    ('S', "\u{405}\u{ff33}"),
    ('T', "\u{422}\u{ff34}"),
    ('Y', "\u{4ae}\u{ff39}\u{3a5}"),
    ('-', "\u{2010}\u{2011}\u{2212}\u{ff0d}\u{ad}"),
    ('_', "\u{ff3f}\u{203f}"),
    ('0', "\u{ff10}\u{660}\u{1d7ce}"),
    ('1', "\u{ff11}\u{b9}\u{661}"),
    (':', "\u{ff1a}\u{2236}\u{a789}"),
];

/// What is put beside a name, or into it, and often passed over.
const PASSED_OVER: [&str; 22] = [
    " ", "\t", "\n", "\r\n", "\0", ".", "/", "\\", "\u{a0}", "\u{200b}", "\u{200d}", "\u{2028}",
    "\u{feff}", "\u{ad}", "\u{301}", "\u{202e}", "\u{7f}", "\u{85}", ";", "'", "\"", "*",
];

/// Texts that are not the name, though something might take them for it.
pub(super) fn others(name: &str) -> Vec<String> {
    let mut all = vec![
        name.to_uppercase(),
        name.to_lowercase(),
        format!("./{name}"),
        format!("../{name}"),
        format!("x/../{name}"),
        format!("{name}/."),
        format!("{name}/.."),
        format!("{name}/../{name}"),
        format!("{name};x=1"),
        format!("{name}%"),
        format!("{name}%00"),
        format!("{name}{name}"),
        format!("{{{name}}}"),
        format!("urn:uuid:{name}"),
        name.replace('-', ""),
        name.replace('-', "_"),
        String::new(),
    ];
    for (at, letter) in name.char_indices() {
        let (before, after) = (&name[..at], &name[at + letter.len_utf8()..]);
        let flipped = match letter {
            'a'..='z' => letter.to_ascii_uppercase(),
            _ => letter.to_ascii_lowercase(),
        };
        all.push(format!("{before}{flipped}{after}"));
        all.push(format!("{before}{after}"));
        let looks = ALIKE.iter().find(|(plain, _)| *plain == letter);
        for other in looks.into_iter().flat_map(|(_, others)| others.chars()) {
            all.push(format!("{before}{other}{after}"));
        }
    }
    let half = name.len() / 2;
    for odd in PASSED_OVER {
        all.push(format!("{name}{odd}"));
        all.push(format!("{odd}{name}"));
        all.push(format!("{}{odd}{}", &name[..half], &name[half..]));
    }
    all.retain(|other| other != name);
    all.sort();
    all.dedup();
    all
}

/// A name as segments of a path, each with what one decoding makes of it.
pub(super) fn segments(name: &str) -> Vec<(String, Option<String>)> {
    let mut all = Vec::new();
    let whole: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
    all.extend([whole.to_uppercase(), whole.replace('%', "%25"), whole]);
    for (at, byte) in name.bytes().enumerate() {
        let (before, after) = (&name[..at], &name[at + 1..]);
        let [high, low] = [0xc0 | (byte >> 6), 0x80 | (byte & 0x3f)];
        for odd in [
            format!("%{byte:02x}"),
            format!("%{byte:02X}"),
            format!("%25{byte:02x}"),
            format!("%2525{byte:02x}"),
            format!("%{high:02x}%{low:02x}"),
            format!("%e0%{:02x}%{low:02x}", 0x80 | (byte >> 6)),
            format!("%u00{byte:02x}"),
            format!("&%23{byte};"),
            format!("\\u00{byte:02x}"),
            format!("%{:x}", byte >> 4),
        ] {
            all.push(format!("{before}{odd}{after}"));
        }
    }
    for other in others(name) {
        // As it is, where HTTP takes it; and escaped, which is what a careful client would send.
        let escaped: String = other.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let slashed = escaped.replace("%2f", "/").replace("%2e", ".");
        all.extend([escaped.replace('%', "%25"), escaped, slashed, other]);
    }
    all.sort();
    all.dedup();
    all.into_iter().map(|text| (decoded(&text), text)).map(|(once, text)| (text, once)).collect()
}

/// What one decoding makes of a segment; `None` when it is no text, or not one segment.
fn decoded(segment: &str) -> Option<String> {
    // The query and the fragment are no part of a path.
    let segment = segment.split(['?', '#']).next().unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    let is_one = !segment.contains(['/', '\\']);
    String::from_utf8(bytes).ok().filter(|_| is_one)
}
