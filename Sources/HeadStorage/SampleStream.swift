/// The bytes of an open chunk: the first sample plain, each later one as what changed.
///
/// A later sample is a control byte (bit 7: the time step is the same as before · bits 6–4: zero
/// bytes below · bits 3–0: how many bytes of the value changed) · unless bit 7 is set, the change of
/// the time step as a zigzag varint · the changed bytes of the value's bits. A scraped series takes
/// 1 to 4 bytes a sample, and appending touches only the end. Lives in memory only.
enum SampleStream {
    /// Bytes of the first sample.
    static let firstSize = 16
    /// Most bytes that ``write(step:change:to:)`` may touch.
    static let maximumSize = 19

    static func writeFirst(
        timestamp: Int64,
        bits: UInt64,
        to target: UnsafeMutableRawPointer
    ) {
        target.storeBytes(of: timestamp, as: Int64.self)
        target.storeBytes(of: bits, toByteOffset: 8, as: UInt64.self)
    }

    /// Writes one later sample and returns its size.
    ///
    /// - Parameters:
    ///   - step: The time step less the step before.
    ///   - change: The exclusive or of the value's bits with those before.
    ///   - target: Room for ``maximumSize`` bytes.
    @inline(__always)
    static func write(
        step: Int64,
        change: UInt64,
        to target: UnsafeMutableRawPointer
    ) -> Int {
        var position = 1
        var control: UInt8 = 0
        if step == 0 {
            control = 0x80
        } else {
            var rest = UInt64(bitPattern: (step &<< 1) ^ (step &>> 63))
            while rest >= 0x80 {
                target.storeBytes(
                    of: UInt8(truncatingIfNeeded: rest) | 0x80,
                    toByteOffset: position,
                    as: UInt8.self
                )
                position &+= 1
                rest &>>= 7
            }
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: rest),
                toByteOffset: position,
                as: UInt8.self
            )
            position &+= 1
        }
        if change != 0 {
            let below = change.trailingZeroBitCount &>> 3
            let size = 8 &- below &- (change.leadingZeroBitCount &>> 3)
            control |= UInt8(truncatingIfNeeded: below &<< 4 | size)
            target.storeBytes(
                of: (change &>> UInt64(below &<< 3)).littleEndian,
                toByteOffset: position,
                as: UInt64.self
            )
            position &+= size
        }
        target.storeBytes(of: control, as: UInt8.self)
        return position
    }

    /// Reads `count` samples.
    ///
    /// - Parameter bytes: A whole stream with seven readable bytes behind it.
    static func read(
        _ bytes: UnsafeRawPointer,
        count: Int,
        timestamps: UnsafeMutablePointer<Int64>,
        values: UnsafeMutablePointer<Double>
    ) {
        var timestamp = bytes.loadUnaligned(as: Int64.self)
        var bits = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        timestamps[0] = timestamp
        values[0] = Double(bitPattern: bits)
        var position = firstSize
        var delta: Int64 = 0
        for index in 1..<max(count, 1) {
            let control = bytes.load(fromByteOffset: position, as: UInt8.self)
            position &+= 1
            if control & 0x80 == 0 {
                var step: UInt64 = 0
                var shift: UInt64 = 0
                var byte: UInt8
                repeat {
                    byte = bytes.load(fromByteOffset: position, as: UInt8.self)
                    position &+= 1
                    step |= UInt64(byte & 0x7f) &<< shift
                    shift &+= 7
                } while byte >= 0x80
                delta &+= Int64(bitPattern: (step &>> 1) ^ (0 &- (step & 1)))
            }
            let size = Int(control & 0x0f)
            if size > 0 {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                )
                let mask = UInt64.max &>> UInt64((8 &- size) &<< 3)
                bits ^= (word & mask) &<< UInt64((control &>> 1) & 0x38)
                position &+= size
            }
            timestamp &+= delta
            timestamps[index] = timestamp
            values[index] = Double(bitPattern: bits)
        }
    }
}
