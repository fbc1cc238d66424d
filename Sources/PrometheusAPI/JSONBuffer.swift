package import MetricsModel
package import NIOCore

/// Writes JSON text straight into a byte buffer; the caller places commas and brackets.
package struct JSONBuffer {
    package private(set) var bytes: ByteBuffer

    package init(capacity: Int = 1024) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
    }

    package mutating func raw(_ text: StaticString) {
        bytes.writeStaticString(text)
    }

    /// Text that is JSON already.
    package mutating func raw(json text: String) { bytes.writeString(text) }

    package mutating func raw(ascii byte: UInt8) { bytes.writeInteger(byte) }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string($0) }
    }

    /// A quoted string; control characters, quotes, backslashes and what HTML could misread are escaped, and
    /// bytes that are not UTF-8 become U+FFFD.
    package mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        if PlainText.isPlain(text) {
            bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: text.count + 2) {
                PlainText.quote(text, to: $0)
            }
        } else {
            raw(ascii: UInt8(ascii: "\""))
            for byte in String(decoding: text, as: UTF8.self).utf8 { escaped(byte) }
            raw(ascii: UInt8(ascii: "\""))
        }
    }

    /// An object of label names and values, in order of name.
    package mutating func labels(_ labels: Labels) {
        // A plain label takes as many bytes here as in the key: six beside its name and value, or fewer.
        let size = labels.key.count + 2
        let written = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: size) {
            PlainText.write(labels, to: $0)
        }
        if written == 0 { escapedLabels(labels) }
    }

    private mutating func escapedLabels(_ labels: Labels) {
        raw("{")
        var isFirst = true
        labels.visitLabels { name, value in
            if !isFirst { raw(",") }
            isFirst = false
            string(name)
            raw(":")
            string(value)
        }
        raw("}")
    }

    /// Milliseconds as seconds, with three decimals unless they are zero.
    package mutating func timestamp(_ milliseconds: Int64) {
        if milliseconds < 0 { raw("-") }
        let magnitude = milliseconds.magnitude
        integer(magnitude / 1000)
        let fraction = magnitude % 1000
        guard fraction > 0 else { return }
        raw(".")
        for divisor: UInt64 in [100, 10, 1] {
            raw(ascii: UInt8(ascii: "0") + UInt8(fraction / divisor % 10))
        }
    }

    package mutating func points(_ timestamps: [Int64], _ values: [Double]) {
        points(timestamps, values) {}
    }

    /// A list of points, ten thousand of which are written at a time.
    ///
    /// - Parameter check: Asked before each ten thousand; what it throws ends the writing.
    package mutating func points(
        _ timestamps: [Int64],
        _ values: [Double],
        check: () throws -> Void
    ) rethrows {
        raw("[")
        var first = 0
        while first < timestamps.count {
            try check()
            let end = min(first + 10_000, timestamps.count)
            if first > 0 { raw(",") }
            bytes.writeWithUnsafeMutableBytes(
                minimumWritableBytes: (end - first) * PointText.maximumSize
            ) { target in
                target.withMemoryRebound(to: UInt8.self) { target in
                    guard let base = target.baseAddress else { return 0 }
                    var text = PointText(base)
                    for index in first..<end { text.point(timestamps[index], values[index]) }
                    return text.count
                }
            }
            first = end
        }
        raw("]")
    }

    package mutating func integer(_ value: UInt64) {
        guard value > 0 else { return raw("0") }
        var rest = value
        // 20 digits hold every 64-bit number.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = 20
            while rest > 0 {
                position -= 1
                digits[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            bytes.writeBytes(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[position...])
            )
        }
    }

    package mutating func integer(_ value: Int64) {
        if value < 0 { raw("-") }
        integer(value.magnitude)
    }

    package mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

    /// A JSON number, or `null`; what JSON has no number for is a string such as `"NaN"`.
    package mutating func number(_ value: Double?) {
        guard let value else { return raw("null") }
        guard value.isFinite else { return self.value(value) }
        bytes.writeString(FloatText.apiText(value))
    }

    /// A duration as a number of seconds.
    package mutating func seconds(_ duration: Duration) { number(duration / .seconds(1)) }

    /// An array of what the closure writes for each element.
    package mutating func list<Element>(
        _ elements: some Sequence<Element>,
        _ write: (inout JSONBuffer, Element) -> Void
    ) {
        raw("[")
        var isFirst = true
        for element in elements {
            if !isFirst { raw(",") }
            isFirst = false
            write(&self, element)
        }
        raw("]")
    }

    /// A sample's value as the quoted text that Prometheus sends.
    package mutating func value(_ value: Double) {
        raw(ascii: UInt8(ascii: "\""))
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero),
            value != 0 || value.sign == .plus
        {
            // Integers, most of all samples: no digits to search for.
            if value < 0 { raw("-") }
            integer(UInt64(value.magnitude))
        } else {
            bytes.writeString(FloatText.apiText(value))
        }
        raw(ascii: UInt8(ascii: "\""))
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\r"): raw("\\r")
        case UInt8(ascii: "\t"): raw("\\t")
        case 0..<0x20, 0x7f, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
            raw("\\u00")
            raw(ascii: Self.hexadecimal[Int(byte >> 4)])
            raw(ascii: Self.hexadecimal[Int(byte & 15)])
        default: raw(ascii: byte)
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
