// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import dev.cel.common.values.NullValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON values as CEL has them: a whole number that fits 64 bits is an int, any other number a double. */
final class CelValues {

    private static final int BITS_OF_AN_INT = 63; // without the sign

    private CelValues() {}

    static Map<String, Object> object(Map<?, ?> json) {
        Map<String, Object> members = new HashMap<>();
        json.forEach((name, value) -> members.put(String.valueOf(name), of(value)));
        return members;
    }

    private static Object of(@Nullable Object json) {
        if (json == null) {
            return NullValue.NULL_VALUE;
        }
        if (json instanceof Map<?, ?> map) {
            return object(map);
        }
        if (json instanceof List<?> list) {
            List<Object> elements = new ArrayList<>(list.size());
            list.forEach(element -> elements.add(of(element)));
            return elements;
        }
        return json instanceof Number number ? number(number) : json;
    }

    private static Object number(Number number) {
        boolean whole = number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte
                || (number instanceof BigInteger big && big.bitLength() <= BITS_OF_AN_INT);
        return whole ? (Object) number.longValue() : (Object) number.doubleValue();
    }
}
