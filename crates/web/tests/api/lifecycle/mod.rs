mod certificates;
mod events;
