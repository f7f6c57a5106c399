// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.Optional;

/**
 * A request found inside a text, and where it was.
 *
 * @param request empty if the words were recognised but say too little, and then {@code gap} says what is missing
 */
record Excerpt(int start, int end, Optional<Request> request, String gap) {

    static Excerpt of(int start, int end, Request request) {
        return new Excerpt(start, end, Optional.of(request), "");
    }

    static Excerpt incomplete(int start, int end, String gap) {
        return new Excerpt(start, end, Optional.empty(), gap);
    }
}
