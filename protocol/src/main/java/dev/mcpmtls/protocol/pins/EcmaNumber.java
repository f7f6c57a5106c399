// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers as ECMAScript writes them: the fewest digits that read back as the same double, and of those the closest. Java's own
 * {@code Double.toString} has more digits than needed before Java 19, and another layout.
 *
 * @see <a href="https://tc39.es/ecma262/#sec-numeric-types-number-tostring">ECMA-262, Number::toString</a>
 */
final class EcmaNumber {

    /** So many digits identify every double. */
    private static final int MAX_DIGITS = 17;

    private static final double EXACT_INTEGERS = 0x1p53;

    private EcmaNumber() {}

    static String text(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("a number beyond the range of an IEEE 754 double");
        }
        if (number == Math.rint(number) && Math.abs(number) < EXACT_INTEGERS) {
            return Long.toString((long) number);
        }
        return (number < 0 ? "-" : "") + layout(shortest(Math.abs(number)));
    }

    /** Both neighbours are tried: next to a power of two, only the farther one may lie in the double's interval. */
    private static BigDecimal shortest(double number) {
        BigDecimal exact = new BigDecimal(number);
        for (int digits = 1; digits < MAX_DIGITS; digits++) {
            BigDecimal below = exact.round(new MathContext(digits, RoundingMode.DOWN));
            BigDecimal above = exact.round(new MathContext(digits, RoundingMode.UP));
            boolean isAboveCloser = above.subtract(exact).compareTo(exact.subtract(below)) < 0;
            for (BigDecimal candidate :
                    isAboveCloser ? new BigDecimal[] {above, below} : new BigDecimal[] {below, above}) {
                if (candidate.doubleValue() == number) {
                    return candidate;
                }
            }
        }
        return exact.round(new MathContext(MAX_DIGITS, RoundingMode.HALF_EVEN));
    }

    private static String layout(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        String digits = stripped.unscaledValue().toString();
        int point = digits.length() - stripped.scale(); // the decimal point is after so many digits
        if (point > 21 || point <= -6) {
            int exponent = point - 1;
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + Math.abs(exponent);
        }
        if (point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        return point >= digits.length()
                ? digits + "0".repeat(point - digits.length())
                : digits.substring(0, point) + "." + digits.substring(point);
    }
}
