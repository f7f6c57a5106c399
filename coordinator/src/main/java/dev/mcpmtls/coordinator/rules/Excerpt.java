// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.Optional;

/**
 * A request found inside a text, and its position.
 *
 * @param request empty if the words were recognised but are incomplete; {@code gap} then names the missing part
 */
record Excerpt(int start, int end, Optional<Request> request, String gap) {

    static Excerpt of(int start, int end, Request request) {
        return new Excerpt(start, end, Optional.of(request), "");
    }

    static Excerpt incomplete(int start, int end, String gap) {
        return new Excerpt(start, end, Optional.empty(), gap);
    }
}
