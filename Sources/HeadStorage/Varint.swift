/// Numbers of 32 bits in one to five bytes, for tables in memory: seven bits a byte, lowest first.
enum Varint {
    static let maximumSize = 5

    /// Writes a number and returns its size.
    ///
    /// - Parameter target: Room for ``maximumSize`` bytes.
    @inline(__always)
    static func write(_ number: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var rest = number
        var size = 0
        while rest >= 0x80 {
            target[size] = UInt8(truncatingIfNeeded: rest) | 0x80
            size &+= 1
            rest &>>= 7
        }
        target[size] = UInt8(truncatingIfNeeded: rest)
        return size &+ 1
    }

    /// Reads a number that ``write(_:to:)`` wrote, and moves behind it.
    @inline(__always)
    static func read(_ position: inout UnsafePointer<UInt8>) -> UInt32 {
        var number: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let byte = position.pointee
            position += 1
            number |= UInt32(byte & 0x7f) &<< shift
            guard byte >= 0x80 else { return number }
            shift &+= 7
        }
    }

    static func size(_ number: UInt32) -> Int {
        number < 1 << 7 ? 1 : number < 1 << 14 ? 2 : number < 1 << 21 ? 3 : number < 1 << 28 ? 4 : 5
    }
}
