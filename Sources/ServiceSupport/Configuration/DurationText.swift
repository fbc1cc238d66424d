/// Durations as operators write them: `24h`, `1h30m`, `15s`, `100ms`, `0`.
///
/// Units from `w` to `ms`, largest first, each at most once; whole numbers only; `0` needs no unit.
public enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ("ms", 1),
    ]

    /// Reads a duration; nil when the text is malformed or does not fit 64 bits of milliseconds.
    public static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = Array(text.utf8)[...]
        var nextUnit = 0
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            guard let number = takeNumber(&rest), let unit = takeUnit(&rest, from: nextUnit) else {
                return nil
            }
            nextUnit = unit + 1
            let product = number.multipliedReportingOverflow(by: units[unit].milliseconds)
            let sum = total.addingReportingOverflow(product.partialValue)
            guard !product.overflow, !sum.overflow else { return nil }
            total = sum.partialValue
        }
        return .milliseconds(total)
    }

    /// The shortest text that ``parse(_:)`` reads back to the same duration.
    ///
    /// Parts below a millisecond are cut off. Hours are the largest unit unless the duration is two
    /// whole days or more, so that a day reads `24h`.
    public static func format(_ duration: Duration) -> String {
        let parts = duration.components
        var left = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        guard left > 0 else { return "0" }
        if left >= 172_800_000, left.isMultiple(of: 86_400_000) { return "\(left / 86_400_000)d" }
        var text = ""
        for unit in units.dropFirst(2) where left >= unit.milliseconds {
            text += "\(left / unit.milliseconds)\(unit.suffix)"
            left %= unit.milliseconds
        }
        return text
    }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
        bytes = bytes.dropFirst(digits.count)
        return Int64(String(decoding: digits, as: UTF8.self))
    }

    /// Takes the letters up to the next digit and returns which unit, not before `first`, they name.
    private static func takeUnit(_ bytes: inout ArraySlice<UInt8>, from first: Int) -> Int? {
        let letters = bytes.prefix { $0 < 0x30 || $0 > 0x39 }
        bytes = bytes.dropFirst(letters.count)
        let suffix = String(decoding: letters, as: UTF8.self)
        return units.indices.dropFirst(first).first { units[$0].suffix == suffix }
    }
}
