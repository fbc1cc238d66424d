public import ClusterInterface

extension MetricsColumn {
    /// Reads what ``json(_:)`` wrote, also after a database has put it into its own form.
    ///
    /// By hand, because names that only look the same are different metrics, which a dictionary of strings would
    /// not keep apart.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` with the offset where the text is another.
    public static func metrics(_ json: String) throws(StoreError) -> [MetricSummary] {
        var reader = Reader(text: Array(json.utf8))
        var metrics: [MetricSummary] = []
        try reader.take("{")
        guard !reader.skip("}") else { return metrics }
        repeat {
            let name = try reader.name()
            try reader.take(":")
            try reader.take("[")
            let seriesCount = try reader.number()
            try reader.take(",")
            let sampleCount = try reader.number()
            try reader.take("]")
            metrics.append(
                MetricSummary(name: name, seriesCount: seriesCount, sampleCount: sampleCount)
            )
        } while reader.skip(",")
        try reader.take("}")
        return metrics
    }

    private struct Reader {
        let text: [UInt8]
        private var offset = 0

        init(text: [UInt8]) { self.text = text }

        private var fault: StoreError {
            .corrupt("a block's metrics are not in their form at byte \(offset)")
        }

        /// Passes over a character, if it is the next one behind spaces.
        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            while offset < text.count, text[offset] == UInt8(ascii: " ") { offset += 1 }
            guard offset < text.count, text[offset] == UInt8(ascii: character) else { return false }
            offset += 1
            return true
        }

        mutating func take(_ character: Unicode.Scalar) throws(StoreError) {
            guard skip(character) else { throw fault }
        }

        mutating func number() throws(StoreError) -> Int {
            _ = skip(" ")
            let start = offset
            while offset < text.count,
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[offset])
            {
                offset += 1
            }
            guard let number = Int(String(decoding: text[start..<offset], as: UTF8.self)) else {
                throw fault
            }
            return number
        }

        mutating func name() throws(StoreError) -> String {
            try take("\"")
            var bytes: [UInt8] = []
            while true {
                guard offset < text.count else { throw fault }
                let byte = text[offset]
                offset += 1
                if byte == UInt8(ascii: "\"") { break }
                if byte == UInt8(ascii: "\\") {
                    try appendEscaped(to: &bytes)
                } else {
                    bytes.append(byte)
                }
            }
            return try unescaped(bytes)
        }

        /// Appends what JSON's own escape stands for.
        private mutating func appendEscaped(to bytes: inout [UInt8]) throws(StoreError) {
            guard offset < text.count else { throw fault }
            let byte = text[offset]
            offset += 1
            switch Unicode.Scalar(byte) {
            case "\"", "\\", "/": bytes.append(byte)
            case "b": bytes.append(8)
            case "t": bytes.append(9)
            case "n": bytes.append(10)
            case "f": bytes.append(12)
            case "r": bytes.append(13)
            case "u":
                let digits = text[offset..<min(offset + 4, text.count)]
                // Both forms write only control characters so.
                guard digits.count == 4,
                    let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                    code < 0x20
                else { throw fault }
                offset += 4
                bytes.append(code)
            default: throw fault
            }
        }

        /// Undoes the escapes within names: two backslashes are one, a backslash and 0 are NUL.
        private func unescaped(_ bytes: [UInt8]) throws(StoreError) -> String {
            var name: [UInt8] = []
            var rest = bytes[...]
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "\\") else {
                    name.append(byte)
                    continue
                }
                switch rest.popFirst() {
                case UInt8(ascii: "\\"): name.append(byte)
                case UInt8(ascii: "0"): name.append(0)
                default: throw fault
                }
            }
            return String(decoding: name, as: UTF8.self)
        }
    }
}
