/// How many samples a tenant may send now: tokens come at a steady rate, and are kept up to a burst.
///
/// A request larger than the burst would never be taken; it is taken when the bucket is full, and leaves a debt that
/// the next ones wait for. So the rate holds whatever the size of requests.
struct TokenBucket {
    /// Tokens a second, more than 0.
    private var rate: Double
    /// Tokens that are kept at most, more than 0.
    private var burst: Double
    /// Negative while a debt is paid.
    private var tokens: Double
    /// When `tokens` was right, in milliseconds since the Unix epoch.
    private var time: Int64

    /// A full bucket.
    init(rate: Double, burst: Double, now: Int64) {
        self.rate = rate
        self.burst = burst
        tokens = burst
        time = now
    }

    /// Takes tokens for a request.
    ///
    /// - Parameters:
    ///   - rate: From now on; what has come before came at the rate before.
    ///   - now: A clock that was set back brings no tokens.
    /// - Returns: nil where they are taken; else in how many seconds the request would be taken, and nothing is.
    mutating func take(_ count: Int, rate: Double, burst: Double, now: Int64) -> Double? {
        refill(now)
        self.rate = rate
        self.burst = burst
        tokens = min(tokens, burst)
        let needed = min(Double(count), burst)
        guard tokens < needed else {
            tokens -= Double(count)
            return nil
        }
        return (needed - tokens) / rate
    }

    /// Whether forgetting the bucket changes nothing.
    func isFull(now: Int64) -> Bool {
        var bucket = self
        bucket.refill(now)
        return bucket.tokens >= burst
    }

    private mutating func refill(_ now: Int64) {
        let (elapsed, isOverflow) = now.subtractingReportingOverflow(time)
        if elapsed > 0, !isOverflow {
            tokens = min(burst, tokens + rate * Double(elapsed) / 1000)
        }
        time = now
    }
}
