// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The members of a JSON object, in order. A member without a value is left out. */
final class Members {

    private final Map<String, Object> members = new LinkedHashMap<>();

    /** Adds a member, unless it is empty text, an empty option, or a time that never was. */
    Members put(String name, Object value) {
        Object given = value instanceof Optional<?> option ? option.orElse(null) : value;
        if (given instanceof Instant at) {
            given = at.equals(Instant.EPOCH)
                    ? null
                    : at.truncatedTo(ChronoUnit.MILLIS).toString();
        }
        if (given != null && !given.equals("")) {
            members.put(name, given);
        }
        return this;
    }

    Map<String, Object> asMap() {
        return members;
    }
}
