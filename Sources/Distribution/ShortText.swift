internal import MetricsModel

/// Texts for messages that have no room for whole label sets.
enum ShortText {
    /// The start of a text, at most so many bytes and then `…`, cut between characters.
    static func prefix(of text: String, bytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var short = ""
        var size = 0
        for scalar in text.unicodeScalars {
            size += UTF8.width(scalar)
            guard size <= limit else { break }
            short.unicodeScalars.append(scalar)
        }
        return short + "…"
    }

    /// A span of time in seconds, or in milliseconds where it is no whole number of them.
    static func duration(milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    /// A series the way Prometheus writes it, as far as its labels can be read and as there is room.
    static func series(_ key: UnsafeRawBufferPointer, bytes limit: Int) -> String {
        var text = "{"
        key.withMemoryRebound(to: UInt8.self) { bytes in
            var cursor = LabelCursor(bytes)
            while text.utf8.count <= limit, let (name, value) = cursor.next() {
                if text.utf8.count > 1 { text += ", " }
                text += String(decoding: name.prefix(limit), as: UTF8.self)
                text += "=\"" + String(decoding: value.prefix(limit), as: UTF8.self) + "\""
            }
        }
        text += "}"
        return prefix(of: text, bytes: limit)
    }
}
