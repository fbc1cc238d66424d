/// A size in bytes, written `1048576`, `64KiB`, `100MiB`, or with decimal units `1MB`.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Never negative when it came from a configuration.
    public var bytes: Int

    public init(bytes: Int) { self.bytes = bytes }

    private static let units: [(suffix: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000),
        ("MB", 1_000_000), ("KB", 1000), ("B", 1), ("", 1),
    ]

    /// Reads a size; nil when the text is malformed, negative or does not fit an `Int`.
    public init?(_ text: String) {
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(digits) else {
            return nil
        }
        let product = number.multipliedReportingOverflow(by: unit.bytes)
        guard !product.overflow else { return nil }
        bytes = product.partialValue
    }

    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// The size in the largest binary unit that divides it.
    public var description: String {
        for unit in Self.units.prefix(3) where bytes > 0 && bytes.isMultiple(of: unit.bytes) {
            return "\(bytes / unit.bytes)\(unit.suffix)"
        }
        return "\(bytes)"
    }

    /// `count` times 2²⁰ bytes.
    public static func mebibytes(_ count: Int) -> Self { Self(bytes: count << 20) }
}
