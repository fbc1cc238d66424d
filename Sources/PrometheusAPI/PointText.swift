/// Writes the points of a series as JSON, `[seconds,"value"]` with commas between, into memory that is large enough.
///
/// About 30 ns a point for whole numbers and short decimals, 130 ns for others.
struct PointText {
    /// Bytes that one point may take: 22 of time, 26 of value, and what is around them.
    static let maximumSize = 64

    private let base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(_ base: UnsafeMutablePointer<UInt8>) {
        self.base = base
    }

    mutating func point(_ timestamp: Int64, _ value: Double) {
        if count > 0 { byte(UInt8(ascii: ",")) }
        byte(UInt8(ascii: "["))
        time(timestamp)
        byte(UInt8(ascii: ","))
        byte(UInt8(ascii: "\""))
        self.value(value)
        byte(UInt8(ascii: "\""))
        byte(UInt8(ascii: "]"))
    }

    /// Milliseconds as seconds, with three decimals unless they are zero.
    private mutating func time(_ milliseconds: Int64) {
        if milliseconds < 0 { byte(UInt8(ascii: "-")) }
        let magnitude = milliseconds.magnitude
        integer(magnitude / 1000)
        let fraction = magnitude % 1000
        guard fraction > 0 else { return }
        byte(UInt8(ascii: "."))
        decimals(fraction)
    }

    private mutating func value(_ value: Double) {
        let magnitude = value.magnitude
        guard magnitude < 1e12 else { return text(FloatText.apiText(value)) }
        if value.sign == .minus { byte(UInt8(ascii: "-")) }
        let whole = magnitude.rounded(.towardZero)
        if whole == magnitude { return integer(UInt64(magnitude)) }
        // A number that thousandths name exactly has no shorter name.
        let thousandths = (magnitude * 1000).rounded()
        if thousandths / 1000 == magnitude {
            let number = UInt64(thousandths)
            integer(number / 1000)
            byte(UInt8(ascii: "."))
            decimals(number % 1000)
            while base[count - 1] == UInt8(ascii: "0") { count -= 1 }
            return
        }
        // Below this the shortest form has an exponent, which has to be written out.
        guard magnitude >= 1e-4 else { return text(FloatText.apiText(magnitude)) }
        text(magnitude.description)
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            guard let source = bytes.baseAddress else { return }
            (base + count).update(from: source, count: bytes.count)
            count += bytes.count
        }
    }

    /// Three digits.
    private mutating func decimals(_ number: UInt64) {
        byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 100))
        byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10 % 10))
        byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    private mutating func integer(_ number: UInt64) {
        var rest = number
        var digits = 1
        var bound: UInt64 = 10
        while digits < 19, number >= bound {
            digits += 1
            bound *= 10
        }
        if digits == 19, number >= 10_000_000_000_000_000_000 { digits = 20 }
        var position = count + digits
        count = position
        repeat {
            position -= 1
            base[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
    }

    @inline(__always)
    private mutating func byte(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }
}
