// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/** Decides who may read the API. On an event loop; must not block. */
@FunctionalInterface
public interface Admission {

    /**
     * Why a request is refused.
     *
     * @param status 401 or 403
     * @param code of the API
     */
    record Refusal(int status, String code, String message, String remedy) {}

    /** The reason to refuse a request; empty when its sender may read. */
    Optional<Refusal> refusal(HttpServerRequest request);
}
