import MetricsModel

/// A full request of remote write 2.0, as Prometheus writes it.
enum SymbolRequest {
    /// - Parameter hasStarts: Whether each sample has a start timestamp.
    static func body(hasStarts: Bool) -> [UInt8] {
        var numbers = ["": UInt64(0)]
        var symbols: [UInt8] = [0x22, 0]
        var request: [UInt8] = []
        func number(of text: some Sequence<UInt8>) -> UInt64 {
            let bytes = Array(text)
            let key = String(decoding: bytes, as: UTF8.self)
            if let number = numbers[key] { return number }
            let number = UInt64(numbers.count)
            numbers[key] = number
            append(field: 0x22, bytes, to: &symbols)
            return number
        }
        for index in 0..<Workload.requestSize {
            var references: [UInt8] = []
            SyntheticSeries.labels(index).visitLabels { name, value in
                append(number(of: name), to: &references)
                append(number(of: value), to: &references)
            }
            let timestamp = Workload.start + Int64(index % 1000)
            var sample: [UInt8] = [0x09]
            withUnsafeBytes(of: (Double(index) / 4).bitPattern.littleEndian) {
                sample.append(contentsOf: $0)
            }
            sample.append(0x10)
            append(UInt64(timestamp), to: &sample)
            if hasStarts {
                sample.append(0x18)
                append(UInt64(timestamp - 3_600_000), to: &sample)
            }
            var series: [UInt8] = []
            append(field: 0x0a, references, to: &series)
            append(field: 0x12, sample, to: &series)
            append(field: 0x2a, series, to: &request)
        }
        return symbols + request
    }

    private static func append(field tag: UInt8, _ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(tag)
        append(UInt64(content.count), to: &bytes)
        bytes.append(contentsOf: content)
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
