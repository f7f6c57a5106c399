// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A service with more places than the built-in list. */
@FunctionalInterface
public interface Geocoder {

    /** The place of that name; fails if the service cannot be reached. Does not block. */
    CompletableFuture<Optional<City>> locate(String name);
}
