/// Some series with their labels, by columns: each distinct label once, and for each series which of them it has.
///
/// For whoever counts or compares the labels of many series: no string is made for a series.
public struct LabelColumns: Sendable, Equatable {
    /// Names and values of the distinct labels end to end: the name of the first, its value, the name of the next.
    public var strings: [UInt8]
    /// Where each of these strings ends; two for a label.
    public var stringEnds: [UInt32]
    public var fingerprints: [Fingerprint]
    /// Where in ``labelNumbers`` the labels of each series end.
    public var labelEnds: [UInt32]
    /// Numbers of the series' labels; of one series in the order of their names.
    public var labelNumbers: [UInt32]

    public init() {
        strings = []
        stringEnds = []
        fingerprints = []
        labelEnds = []
        labelNumbers = []
    }

    public var seriesCount: Int { fingerprints.count }

    /// Whether they are as large as one piece gets: 4096 series, 64 Ki labels of all of them, or 256 KiB of strings.
    public var isFull: Bool {
        seriesCount >= 4096 || labelNumbers.count >= 64 << 10 || strings.count >= 256 << 10
    }

    /// Distinct labels.
    public var labelCount: Int { stringEnds.count / 2 }

    public func name(of label: Int) -> ArraySlice<UInt8> { string(label * 2) }

    public func value(of label: Int) -> ArraySlice<UInt8> { string(label * 2 + 1) }

    /// Where in ``labelNumbers`` the labels of a series are.
    public func labels(of series: Int) -> Range<Int> {
        (series == 0 ? 0 : Int(labelEnds[series - 1]))..<Int(labelEnds[series])
    }

    /// The canonical key of a series, as far as the columns came from one.
    public func key(of series: Int) -> [UInt8] {
        var key: [UInt8] = []
        for number in labelNumbers[labels(of: series)] {
            name(of: Int(number)).withUnsafeBufferPointer { name in
                value(of: Int(number)).withUnsafeBufferPointer { value in
                    SeriesKey.append(name: name, value: value, to: &key)
                }
            }
        }
        return key
    }

    /// Adds a label to the dictionary; the caller knows that it is not there.
    ///
    /// - Returns: its number.
    public mutating func addLabel(
        name: some Collection<UInt8>,
        value: some Collection<UInt8>
    ) -> UInt32 {
        strings.append(contentsOf: name)
        stringEnds.append(UInt32(strings.count))
        strings.append(contentsOf: value)
        stringEnds.append(UInt32(strings.count))
        return UInt32(labelCount - 1)
    }

    /// Adds a series with labels of the dictionary, in the order of their names.
    public mutating func addSeries(_ fingerprint: Fingerprint, _ labels: some Sequence<UInt32>) {
        labelNumbers.append(contentsOf: labels)
        fingerprints.append(fingerprint)
        labelEnds.append(UInt32(labelNumbers.count))
    }

    /// Whether the columns fit each other; who gets them from elsewhere checks it before anything else.
    public var isConsistent: Bool {
        stringEnds.count.isMultiple(of: 2) && labelEnds.count == seriesCount
            && Self.isAscending(stringEnds, upTo: strings.count)
            && Self.isAscending(labelEnds, upTo: labelNumbers.count)
            && labelNumbers.allSatisfy { $0 < labelCount }
    }

    private func string(_ index: Int) -> ArraySlice<UInt8> {
        strings[(index == 0 ? 0 : Int(stringEnds[index - 1]))..<Int(stringEnds[index])]
    }

    private static func isAscending(_ ends: [UInt32], upTo last: Int) -> Bool {
        var previous: UInt32 = 0
        for end in ends {
            guard end >= previous else { return false }
            previous = end
        }
        return Int(previous) == last
    }
}
