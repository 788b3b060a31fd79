"""What is said of jobs that can't be, or did not come to their end."""

from __future__ import annotations

from lenticular.errors import Problem


def defect() -> Problem:
    """Return the reason of a job that met a defect."""
    return Problem("job.defect", "A defect of ours.", hint="The server's log says more.")


def died(times: int) -> Problem:
    """Return the reason of a job during which the server ended again and again."""
    message = f"The server ended {times} times while this ran."
    return Problem("job.died", message, hint="Look at the server's log and at its memory, and run it again.")


def unknown_job(identity: int) -> Problem:
    """Return the refusal of a job that is not there."""
    return Problem("job.unknown", f"There is no job {identity}.", hint="Look at the list of jobs.")


def ended_job() -> Problem:
    """Return the refusal to cancel a job that has ended."""
    return Problem("job.ended", "This job has ended.", hint="Look at what became of it.")


def unstoppable(kind: str) -> Problem:
    """Return the refusal to cancel a job whose kind is done to its end."""
    return Problem("job.unstoppable", f"A job of the kind {kind} that runs can't be cancelled.", hint="It ends soon.")


def not_again(state: str) -> Problem:
    """Return the refusal to run a job again."""
    return Problem("job.state", f"This job is {state}.", hint="Those that failed or were cancelled can run again.")
