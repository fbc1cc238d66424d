internal import MetricsModel

/// The strings of a remote-write 2.0 request by number, where they are in its body.
struct SymbolTable {
    /// One string in the body.
    struct Symbol {
        var offset: UInt32
        var size: UInt32

        var range: Range<Int> { Int(offset)..<Int(offset) + Int(size) }

        /// Bytes of the string as a field of a label: tag, length, content.
        @inline(__always)
        var fieldSize: Int { 1 + Self.varintSize(Int(size)) + Int(size) }

        @inline(__always)
        static func varintSize(_ value: Int) -> Int {
            value < 0x80 ? 1 : (70 - value.leadingZeroBitCount) / 7
        }
    }

    private(set) var symbols: [Symbol] = []

    var count: Int { symbols.count }

    /// Bytes held from the system.
    var capacity: Int { symbols.capacity * MemoryLayout<Symbol>.stride }

    mutating func removeAll() { symbols.removeAll(keepingCapacity: true) }

    /// - Precondition: The range ends below 2³².
    @inline(__always)
    mutating func append(_ range: Range<Int>) {
        symbols.append(Symbol(offset: UInt32(range.lowerBound), size: UInt32(range.count)))
    }

    /// The bytes of a symbol, nil where there is none of this number.
    func text(
        _ number: UInt64,
        in body: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard number < UInt64(symbols.count) else { return nil }
        return UnsafeRawBufferPointer(rebasing: body[symbols[Int(number)].range])
    }

    /// Whether a symbol is `__name__`.
    func isMetricName(_ number: UInt32, in body: UnsafeRawBufferPointer) -> Bool {
        let symbol = symbols[Int(number)]
        guard symbol.size == UInt32(Labels.metricName.utf8.count) else { return false }
        return body[symbol.range].elementsEqual(Labels.metricName.utf8)
    }
}

extension SymbolTable {
    /// Bytes that are copied at once, and so may be written over behind a key.
    fileprivate static let slack = 16

    /// Bytes of the labels that pairs of numbers name, in the form of a series key.
    ///
    /// - Parameter references: Numbers of symbols that are there, an even count of at most 2²⁰.
    @inline(__always)
    func keySize(of references: [UInt32]) -> Int {
        var size = 0
        symbols.withUnsafeBufferPointer { symbols in
            references.withUnsafeBufferPointer { references in
                var index = 0
                while index < references.count {
                    let content =
                        symbols[Int(references[index])].fieldSize
                        + symbols[Int(references[index + 1])].fieldSize
                    size += 1 + Symbol.varintSize(content) + content
                    index += 2
                }
            }
        }
        return size
    }

    /// Appends labels in the form of a series key, in the order of the numbers.
    ///
    /// - Parameter size: ``keySize(of:)``.
    @inline(__always)
    func appendKey(
        of references: [UInt32],
        size: Int,
        in body: UnsafeRawBufferPointer,
        to side: inout SideBuffer
    ) {
        side.append(count: size, slack: Self.slack) {
            writeKey(of: references, in: body, to: $0)
        }
    }

    @inline(__always)
    private func writeKey(
        of references: [UInt32],
        in body: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawBufferPointer
    ) {
        var writer = KeyWriter(target: target, body: body)
        symbols.withUnsafeBufferPointer { symbols in
            references.withUnsafeBufferPointer { references in
                var index = 0
                while index < references.count {
                    let name = symbols[Int(references[index])]
                    let value = symbols[Int(references[index + 1])]
                    writer.begin(0x0a, length: name.fieldSize + value.fieldSize)
                    writer.copy(0x0a, name)
                    writer.copy(0x12, value)
                    index += 2
                }
            }
        }
    }
}

/// Writes the fields of labels one behind the other.
private struct KeyWriter {
    let target: UnsafeMutableRawBufferPointer
    let body: UnsafeRawBufferPointer
    private var position = 0

    init(target: UnsafeMutableRawBufferPointer, body: UnsafeRawBufferPointer) {
        self.target = target
        self.body = body
    }

    @inline(__always)
    mutating func begin(_ tag: UInt8, length: Int) {
        target[position] = tag
        position += 1
        var rest = length
        while rest >= 0x80 {
            target[position] = UInt8(truncatingIfNeeded: rest) | 0x80
            position += 1
            rest >>= 7
        }
        target[position] = UInt8(truncatingIfNeeded: rest)
        position += 1
    }

    @inline(__always)
    mutating func copy(_ tag: UInt8, _ symbol: SymbolTable.Symbol) {
        let size = Int(symbol.size)
        let offset = Int(symbol.offset)
        begin(tag, length: size)
        // Most strings are short: one load and one store, which may reach over both ends, beat a call.
        if size <= SymbolTable.slack, offset + SymbolTable.slack <= body.count {
            target.storeBytes(
                of: body.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self),
                toByteOffset: position,
                as: SIMD16<UInt8>.self
            )
        } else if size > 0 {
            UnsafeMutableRawBufferPointer(rebasing: target[position..<position + size])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: body[symbol.range]))
        }
        position += size
    }
}
