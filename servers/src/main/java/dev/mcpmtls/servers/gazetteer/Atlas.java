// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

import dev.mcpmtls.servers.Quoted;
import dev.mcpmtls.servers.ToolFailure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Finds cities: first in the built-in gazetteer, then, if there is one and it answers, with a geocoder. Thread-safe.
 */
public final class Atlas {

    private final Gazetteer gazetteer;
    private final Geocoder geocoder;

    private Atlas(Gazetteer gazetteer, Geocoder geocoder) {
        this.gazetteer = gazetteer;
        this.geocoder = geocoder;
    }

    /** Only the cities of the built-in gazetteer. */
    public static Atlas builtIn() {
        return online(name -> CompletableFuture.completedFuture(Optional.empty()));
    }

    /** The built-in gazetteer, and this geocoder for what it does not list. */
    public static Atlas online(Geocoder geocoder) {
        return new Atlas(Gazetteer.builtIn(), geocoder);
    }

    /**
     * The city of that name.
     *
     * @return fails with a {@link ToolFailure} that suggests near matches if the name is unknown
     */
    public CompletableFuture<City> find(String name) {
        if (PlaceKey.of(name).isEmpty()) {
            return CompletableFuture.failedFuture(new ToolFailure(
                    "The name of the city has no letters: " + Quoted.of(name) + ". Give one, for example Tokyo."));
        }
        Optional<City> listed = gazetteer.find(name);
        if (listed.isPresent()) {
            return CompletableFuture.completedFuture(listed.get());
        }
        return geocoder.locate(name)
                .exceptionally(unavailable -> Optional.empty())
                .thenApply(found -> found.orElseThrow(() -> unknown(name)));
    }

    private ToolFailure unknown(String name) {
        List<City> near = gazetteer.suggestions(name);
        String hint = near.isEmpty()
                ? " Try the nearest large city, for example Tokyo, Paris or New York."
                : " Did you mean " + near.stream().map(City::label).collect(Collectors.joining(" or ")) + "?";
        return new ToolFailure("Unknown city " + Quoted.of(name) + "." + hint);
    }
}
