internal import MetricsModel

/// The rules that a series' labels must keep to; asked once for a series, not once for a sample.
public struct WriteValidation: Sendable {
    private let limits: WriteLimits
    private static let metricName = Array(Labels.metricName.utf8)
    /// Characters of a name that a message repeats.
    private static let quotedLength = 100

    public init(limits: WriteLimits) { self.limits = limits }

    /// Checks a canonical series key; allocates nothing for a good one.
    ///
    /// The fault named is about the whole series first (no metric name, too many labels), then about the first
    /// label that has one.
    public func check(_ key: UnsafeRawBufferPointer) throws(SeriesFault) {
        var labelFault: SeriesFault?
        var hasMetricName = false
        var count = 0
        var size = 0
        key.withMemoryRebound(to: UInt8.self) { bytes in
            var cursor = LabelCursor(bytes)
            while let (name, value) = cursor.next() {
                let isMetricName = Self.isMetricName(name)
                if isMetricName { hasMetricName = true }
                count += 1
                size += name.count + value.count
                if labelFault == nil {
                    labelFault = fault(name: name, value: value, isMetricName: isMetricName)
                }
            }
        }
        guard hasMetricName else { throw .missingMetricName }
        guard count <= limits.maximumLabelNamesPerSeries else {
            throw .tooManyLabelNames(count: count, limit: limits.maximumLabelNamesPerSeries)
        }
        if let labelFault { throw labelFault }
        guard limits.maximumLabelsSize == 0 || size <= limits.maximumLabelsSize else {
            throw .labelsSizeExceeded(size: size, limit: limits.maximumLabelsSize)
        }
    }

    private func fault(
        name: UnsafeBufferPointer<UInt8>,
        value: UnsafeBufferPointer<UInt8>,
        isMetricName: Bool
    ) -> SeriesFault? {
        if name.count > limits.maximumLabelNameLength {
            return .labelNameTooLong(
                name: Self.quoted(name),
                length: name.count,
                limit: limits.maximumLabelNameLength
            )
        }
        if value.count > limits.maximumLabelValueLength {
            return .labelValueTooLong(
                name: Self.quoted(name),
                length: value.count,
                limit: limits.maximumLabelValueLength
            )
        }
        if !Self.isUTF8(name) { return .labelNameInvalid(name: Self.quoted(name)) }
        guard !Self.isUTF8(value) else { return nil }
        return isMetricName ? .metricNameInvalid : .labelValueInvalid(name: Self.quoted(name))
    }

    private static func isMetricName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        metricName.withUnsafeBufferPointer { compareBytes(name, $0) == 0 }
    }

    private static func isUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        (try? UTF8Span(validating: text.span)) != nil
    }

    private static func quoted(_ text: UnsafeBufferPointer<UInt8>) -> String {
        ShortText.prefix(of: String(decoding: text, as: UTF8.self), bytes: quotedLength)
    }
}
