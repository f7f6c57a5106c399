// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import dev.mcpmtls.coordinator.Answer.Step;
import dev.mcpmtls.coordinator.Plan;
import dev.mcpmtls.coordinator.Planner.Planning;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Plans with a model, and with another planner if the model fails before it had any call made. */
final class WithFallback implements Planning {

    private final ModelPlanning model;
    private final Supplier<Planning> otherwise;
    private final Consumer<String> onFallback;
    private boolean begun;
    private @Nullable Planning other;

    WithFallback(ModelPlanning model, Supplier<Planning> otherwise, Consumer<String> onFallback) {
        this.model = model;
        this.otherwise = otherwise;
        this.onFallback = onFallback;
    }

    @Override
    public Plan next(List<Step> results, Duration left) {
        if (other != null) {
            return other.next(results, left);
        }
        try {
            Plan plan = model.next(results, left);
            begun |= !plan.calls().isEmpty();
            return plan;
        } catch (ModelFailure failure) {
            String why = String.valueOf(failure.getMessage());
            if (begun) {
                return model.brokenOff(why);
            }
            onFallback.accept(why);
            other = otherwise.get();
            return other.next(List.of(), left);
        }
    }
}
